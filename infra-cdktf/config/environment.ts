/** Everything that may differ between two environments. A value of this type is all that the stacks read. */
export interface Environment {
  /** Prefix of every name in AWS; lower case. */
  readonly project: string;
  /** `dev`, `staging`, `production`; part of every name in AWS. */
  readonly name: string;
  /** What the rules demand: production must be protected, backed up and spread over zones. */
  readonly tier: 'development' | 'production';
  /** The AWS account, 12 digits. */
  readonly account: string;
  readonly region: string;
  /** Three: Redshift Serverless needs them. */
  readonly availabilityZones: readonly string[];
  /** Of exactly one environment per account: it deploys what an account can have only once. */
  readonly ownsAccount: boolean;
  readonly repository: Repository;
  /** Takes the worker's image from that environment, as it is; absent: builds it. */
  readonly imagesFrom?: Place;
  readonly state: StateBucket;
  readonly network: Network;
  readonly protection: Protection;
  /** ARN of the policy that bounds every workload's role; absent: the one that the account's stack makes (`stacks/account/boundary.ts`). */
  readonly permissionsBoundary?: string;
  readonly sizes: Sizes;
  readonly services: Services;
  readonly alerts: Alerts;
}

/** Where an environment is, and how its things are called. */
export type Place = Pick<Environment, 'project' | 'name' | 'account' | 'region'>;

/** The GitHub repository whose workflows may deploy. */
export interface Repository {
  readonly owner: string;
  readonly name: string;
  readonly branch: string;
}

/** Made once by hand (docs/infrastructure.md, "First deployment"). */
export interface StateBucket {
  readonly bucket: string;
  readonly region: string;
}

export interface Network {
  /** The VPC's addresses, /16 to /20; must not overlap another environment's. */
  readonly cidr: string;
  /** One NAT gateway per zone instead of one for all. */
  readonly natPerAz: boolean;
  /** Interface endpoints to make: what goes to these services stays off the NAT gateway. */
  readonly interfaceEndpoints: readonly string[];
  /** Use this VPC instead of making one; its routes, NAT and endpoints are its owner's business. */
  readonly existingVpc?: ExistingVpc;
}

export interface ExistingVpc {
  readonly id: string;
  /** One per zone, with a way out. */
  readonly privateSubnetIds: readonly string[];
  /** One per zone, without a way out. */
  readonly isolatedSubnetIds: readonly string[];
  /** Of the S3 gateway endpoint, so that databases can export to S3 and to nothing else. */
  readonly s3PrefixListId: string;
}

export interface Protection {
  readonly deletionProtection: boolean;
  /** A database that is destroyed leaves a snapshot; of its own, so that taking the protection off takes no data away. */
  readonly finalSnapshot: boolean;
  readonly multiAz: boolean;
  readonly backupRetentionDays: number;
  readonly logRetentionDays: number;
  /** Days that a replaced or deleted object can still be had back. */
  readonly objectRetentionDays: number;
  /**
   * When database users get other passwords, within two hours: Secrets Manager's cron, whole hours, UTC. Services that use them are started
   * anew one after the other, so not while runs are expected.
   */
  readonly passwordRotation: string;
}

export interface Sizes {
  readonly controlDatabase: DatabaseSize;
  readonly postgresSource: DatabaseSize;
  readonly mysqlSource: DatabaseSize;
  readonly dms: { readonly instanceClass: string; readonly storageGb: number };
  readonly temporal: FargateSize & {
    readonly tasksPerRole: number;
    /** Can never change afterwards. */
    readonly historyShards: number;
  };
  readonly worker: FargateSize & { readonly minTasks: number; readonly maxTasks: number };
  readonly glue: {
    readonly workerType: 'G.1X' | 'G.2X';
    readonly workers: number;
    readonly timeoutMinutes: number;
  };
  readonly crawlers: {
    /** When silver and gold are catalogued; Glue's cron, or absent for never. A crawl costs ten minutes at least. */
    readonly schedule?: string;
  };
  readonly emr: { readonly maxVcpu: number; readonly maxMemoryGb: number; readonly idleMinutes: number };
  readonly redshift: {
    readonly baseRpu: number;
    readonly maxRpu: number;
    readonly dailyRpuHours: number;
    /** `deactivate` stops queries until the next day. */
    readonly onDailyLimit: 'log' | 'deactivate';
  };
}

export interface DatabaseSize {
  readonly instanceClass: string;
  readonly storageGb: number;
  readonly maxStorageGb: number;
}

export interface FargateSize {
  /** CPU units, 1024 to a core. */
  readonly cpu: number;
  readonly memoryMb: number;
}

/** What is deployed at all. */
export interface Services {
  readonly postgresSource: boolean;
  readonly mysqlSource: boolean;
  readonly dms: boolean;
  readonly emrServerless: boolean;
  readonly metabase: boolean;
  /** Who owns the data source: the ARN of a QuickSight group or user. The account's subscription is bought by hand before. */
  readonly quickSight: false | { readonly owner: string };
}

export interface Alerts {
  readonly email: string;
  readonly monthlyBudgetUsd: number;
}
