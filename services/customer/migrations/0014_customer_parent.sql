-- Nothing asks for the members of a group.
DROP INDEX customer_parent;
