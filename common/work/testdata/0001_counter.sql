CREATE TABLE counter (
  id      uuid   NOT NULL PRIMARY KEY,
  version bigint NOT NULL,
  value   bigint NOT NULL CHECK (value <= 1000000)
);
