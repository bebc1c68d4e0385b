/** What a database server shall have. Asking again for what is there changes nothing, except that missing things are made. */
export interface ProvisionRequest {
  readonly engine: 'postgres' | 'mysql' | 'redshift';
  /** Secret of the administrator: `{"username", "password"}`. */
  readonly adminSecretArn: string;
  readonly host: string;
  readonly port: number;
  /** Exists already; where the administrator connects first. */
  readonly adminDatabase: string;
  /** Redshift only: statements go through the Data API. */
  readonly workgroup?: string;
  readonly users: readonly UserRequest[];
  /** Redshift only, after the users. */
  readonly warehouse?: WarehouseRequest;
}

export interface WarehouseRequest {
  /** Made for the first user whose access is `owner`. */
  readonly schemas: readonly string[];
  /** Databases of the Glue Data Catalog as schemas, which every user may use. */
  readonly externalSchemas: readonly ExternalSchema[];
  /** Schemas that readers read, what the owner will make there included. */
  readonly readable: readonly string[];
}

export interface ExternalSchema {
  readonly name: string;
  readonly catalogDatabase: string;
  readonly region: string;
  readonly roleArn: string;
}

export interface UserRequest {
  readonly name: string;
  /** Receives the credentials; made without a value. */
  readonly secretArn: string;
  /** `owner` owns the databases; `reader` reads what owners make there; `replicator` reads and replicates. */
  readonly access: 'owner' | 'reader' | 'replicator';
  /** The first one goes into the secret. */
  readonly databases: readonly string[];
}

/** The shape that the worker, the Glue jobs and DMS read. */
export interface Credentials {
  readonly engine: ProvisionRequest['engine'];
  readonly host: string;
  readonly port: number;
  readonly dbname: string;
  readonly username: string;
  readonly password: string;
}

const identifier = /^[a-z_][a-z0-9_]{0,62}$/;

/** Names go into SQL as identifiers: only harmless ones pass. */
export function checkNames(request: ProvisionRequest): void {
  const { schemas = [], externalSchemas = [], readable = [] } = request.warehouse ?? {};
  const names = [
    ...request.users.flatMap((user) => [user.name, ...user.databases]),
    ...schemas,
    ...readable,
    ...externalSchemas.flatMap(({ name, catalogDatabase }) => [name, catalogDatabase]),
  ];
  checkIdentifiers(names);
}

export function checkIdentifiers(names: readonly string[]): void {
  const wrong = names.filter((name) => !identifier.test(name));
  if (wrong.length > 0) throw new Error(`not a plain lower-case identifier: ${wrong.join(', ')}`);
}
