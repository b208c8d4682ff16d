import { expect, it } from 'vitest';
import { postgresMigrations } from '../../../src/app/engines/postgres-index.js';
import { sqliteMigrations } from '../../../src/app/engines/sqlite-index.js';

it.each([
  ['SQLite', sqliteMigrations],
  ['PostgreSQL', postgresMigrations],
] as const)('the steps of the schema of %s stay those that a program has begun with', (_, migrations) => {
  expect(migrations()).toBe(migrations());
});
