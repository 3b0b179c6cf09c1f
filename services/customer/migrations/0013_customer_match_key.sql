-- Whoever brings a file asks for customers by their names.
CREATE INDEX customer_match_key ON customer (match_key, id);
