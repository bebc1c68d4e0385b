/** Where tasks run, and as whom. */
export interface EcsPlace {
  readonly cluster: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly region: string;
  /** ARN of the role that pulls images and writes logs. */
  readonly executionRole: string;
  /** ARN of the role that containers act as: it may read and write `tasks/` of the lake. */
  readonly taskRole: string;
  readonly logGroup: string;
  /** The engine's image: it carries input and output. */
  readonly carrier: string;
  /** Begins the names of task definitions: `sluice-prod`. */
  readonly family: string;
  /** Whether tasks in public subnets get an address of their own, without which they reach nothing. */
  readonly publicIp: boolean;
}
