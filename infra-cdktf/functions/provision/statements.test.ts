import { describe, expect, it } from 'vitest';
import { checkNames, type Credentials, type ProvisionRequest, type UserRequest } from './request.ts';
import { mysqlUser, postgresAccess, postgresUser, redshiftSchemas, redshiftUser } from './statements.ts';

const credentials: Credentials = {
  engine: 'postgres',
  host: 'h',
  port: 1,
  dbname: 'olist',
  username: 'sluice_reader',
  password: 'Sl1abc',
};
const reader: UserRequest = {
  name: 'sluice_reader',
  secretArn: 'arn',
  access: 'reader',
  databases: ['olist'],
};
const replicator: UserRequest = { ...reader, name: 'sluice_replicator', access: 'replicator' };

describe('PostgreSQL', () => {
  it('makes a user that may exist already', () => {
    expect(postgresUser(credentials)[0]).toContain('WHEN duplicate_object THEN NULL');
  });

  it('lets a reader read what the owner will make, and nothing more', () => {
    const text = postgresAccess(reader, 'sluice_owner').join('\n');
    expect(text).toContain(
      'FOR ROLE "sluice_owner" IN SCHEMA public GRANT SELECT ON TABLES TO "sluice_reader"',
    );
    expect(text).not.toMatch(/INSERT|UPDATE|DELETE|ALL ON|rds_replication/);
  });

  it('lets only a replicator replicate', () => {
    expect(postgresAccess(replicator, 'sluice_owner')).toContain(
      'GRANT rds_replication TO "sluice_replicator"',
    );
  });
});

describe('MySQL', () => {
  it('demands TLS of every user', () => {
    expect(mysqlUser(reader, credentials).join('\n')).toMatch(
      /CREATE USER IF NOT EXISTS 'sluice_reader'@'%' IDENTIFIED BY '\w+' REQUIRE SSL/,
    );
  });

  it('keeps the binary log for a replicator', () => {
    expect(mysqlUser(replicator, credentials).join('\n')).toContain(
      "rds_set_configuration('binlog retention hours'",
    );
    expect(mysqlUser(reader, credentials).join('\n')).not.toContain('REPLICATION');
  });
});

describe('Redshift', () => {
  it('sends a hash, never the password', () => {
    const text = redshiftUser({ ...reader, access: 'owner' }, credentials, false).join('\n');
    expect(text).toMatch(/CREATE USER "sluice_reader" PASSWORD 'md5[0-9a-f]{32}'/);
    expect(text).not.toContain(credentials.password);
  });
});

describe('schemas of the warehouse', () => {
  const request: ProvisionRequest = {
    engine: 'redshift',
    adminSecretArn: 'a',
    host: 'h',
    port: 1,
    adminDatabase: 'sluice',
    users: [
      { ...reader, name: 'sluice_loader', access: 'owner' },
      { ...reader, name: 'sluice_reader' },
    ],
    warehouse: {
      schemas: ['_sluice', 'marts'],
      readable: ['marts'],
      externalSchemas: [{ name: 'lake_gold', catalogDatabase: 'dev_gold', region: 'r', roleArn: 'role' }],
    },
  };
  const text = redshiftSchemas(request).join('\n');

  it('belong to the loader and may be asked for again', () => {
    expect(text).toContain('CREATE SCHEMA IF NOT EXISTS "marts" AUTHORIZATION "sluice_loader"');
    expect(text).toContain('CREATE EXTERNAL SCHEMA IF NOT EXISTS "lake_gold" FROM DATA CATALOG');
    expect(text.match(/CREATE (?!.*IF NOT EXISTS)/g)).toBeNull();
  });

  it('let the loader see what its tables are due for', () => {
    expect(text).toContain('GRANT SELECT ON svv_table_info TO "sluice_loader"');
  });

  it('let a reader read the marts, those of tomorrow too, and nothing else', () => {
    expect(text).toContain(
      'ALTER DEFAULT PRIVILEGES FOR USER "sluice_loader" IN SCHEMA "marts" GRANT SELECT ON TABLES TO "sluice_reader"',
    );
    const toReader = text.split('\n').filter((line) => line.endsWith('TO "sluice_reader"'));
    expect(toReader.filter((line) => /_sluice|CREATE|ALL ON/.test(line))).toEqual([]);
  });

  it('need an owner', () => {
    expect(() => redshiftSchemas({ ...request, users: [] })).toThrow(/need a user whose access is owner/);
  });
});

describe('names', () => {
  const request = (name: string): ProvisionRequest => ({
    engine: 'postgres',
    adminSecretArn: 'a',
    host: 'h',
    port: 1,
    adminDatabase: 'd',
    users: [{ ...reader, name }],
  });

  it.each(['x"; DROP ROLE y; --', 'Upper', 'with space', ''])(
    'that are no plain identifiers are refused: %s',
    (name) => {
      expect(() => checkNames(request(name))).toThrow(/not a plain lower-case identifier/);
    },
  );
});
