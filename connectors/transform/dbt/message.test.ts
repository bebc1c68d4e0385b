import { expect, it } from 'vitest';
import { messageOfDbt } from './message.ts';

it.each([
  'Compilation Error in model who (models/shop/who.sql)\n  \'reff\' is undefined. Run "dbt deps" to install packages.',
  "Parsing Error\n  Env var required but not provided: 'REGION'",
  "Compilation Error in model who (models/shop/who.sql)\n  Encountered unknown tag 'fro'.\n    line 3",
])('what dbt says of the project keeps its names: %s', (text) => {
  expect(messageOfDbt(text)).toBe(text);
});

it.each([
  "Runtime Error in model who (models/shop/who.sql)\n  Conversion Error: Could not convert string 'secret' to INT32",
  'Database Error in model who (models/shop/who.sql)\n  invalid input syntax for type integer: "secret"',
  "Compilation Error in operation on-run-start\n  Conversion Error: Could not convert string 'secret' to INT32",
  "Compilation Error in macro must_be_known (macros/known.sql)\n  unknown status 'secret'\n  > in macro must_be_known",
  'Compilation Error in model who (models/shop/who.sql)\n  invalid input syntax for type integer: "secret"',
  'Compilation Error in macro statement\n  duplicate key\n  DETAIL:  Key (name)=(secret) already exists.',
])('what a database says through dbt loses the values of rows: %s', (text) => {
  expect(messageOfDbt(text)).not.toContain('secret');
});
