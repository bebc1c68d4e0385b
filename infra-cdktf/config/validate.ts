import { bucketName, bucketPurposes, nameOf } from '../names.ts';
import { failed } from './check.ts';
import { overlap, parseCidr } from './cidr.ts';
import type { Environment } from './environment.ts';
import { sizeProblems } from './validate-sizes.ts';

export class ConfigurationInvalid extends Error {
  override readonly name = 'ConfigurationInvalid';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `${problems.length} problem(s) in infra-cdktf/config:\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/** Throws once, with everything that is wrong in any environment. */
export function validate(environments: readonly Environment[]): void {
  const problems = [...environments.flatMap(problemsOf), ...problemsBetween(environments)];
  if (problems.length > 0) throw new ConfigurationInvalid(problems);
}

function problemsOf(env: Environment): string[] {
  const found = [
    ...placeProblems(env),
    ...networkProblems(env),
    ...nameProblems(env),
    ...protectionProblems(env),
    ...sizeProblems(env),
  ];
  return found.map((problem) => `${env.name}: ${problem}`);
}

function placeProblems(env: Environment): string[] {
  const zones = env.availabilityZones;
  const boundary = env.permissionsBoundary;
  const { quickSight } = env.services;
  return failed([
    [/^\d{12}$/.test(env.account), `account is "${env.account}"; give the 12 digits of the AWS account`],
    [/^[a-z]{2}(-[a-z]+)+-\d$/.test(env.region), `region is "${env.region}"; give one like eu-central-1`],
    [
      zones.length === 3 && new Set(zones).size === 3,
      `availabilityZones has ${new Set(zones).size} different zone(s); give three, Redshift Serverless needs them`,
    ],
    [
      zones.every((zone) => zone.startsWith(env.region)),
      `availabilityZones ${zones.join(', ')} are not all in ${env.region}`,
    ],
    [
      boundary === undefined || boundary.startsWith(`arn:aws:iam::${env.account}:policy/`),
      `permissionsBoundary must be the ARN of a policy in account ${env.account}, not ${boundary ?? ''}`,
    ],
    [/^[^@\s]+@[^@\s]+$/.test(env.alerts.email), `alerts.email is "${env.alerts.email}"; give an address`],
    [
      quickSight === false || quickSight.owner.startsWith('arn:aws:quicksight:'),
      'services.quickSight.owner must be the ARN of a QuickSight group or user, or services.quickSight false',
    ],
    [env.alerts.monthlyBudgetUsd > 0, 'alerts.monthlyBudgetUsd must be above 0'],
  ]);
}

function networkProblems(env: Environment): string[] {
  const { cidr, existingVpc } = env.network;
  const block = parseCidr(cidr);
  const subnets = [existingVpc?.privateSubnetIds, existingVpc?.isolatedSubnetIds];
  return failed([
    [block !== undefined, `network.cidr "${cidr}" is no CIDR block; give one like 10.20.0.0/16`],
    [
      block === undefined || (block.prefix >= 16 && block.prefix <= 20),
      `network.cidr ${cidr} must be between /16 and /20`,
    ],
    [
      existingVpc === undefined || subnets.every((ids) => ids?.length === 3),
      'network.existingVpc needs three private and three isolated subnets, one per zone',
    ],
  ]);
}

function nameProblems(env: Environment): string[] {
  const tooLong = bucketPurposes
    .map((purpose) => bucketName(env, purpose))
    .filter((name) => name.length > 63)
    .map(
      (name) => `bucket name ${name} has ${name.length} characters, S3 allows 63; shorten project or name`,
    );
  return [
    ...tooLong,
    ...failed([
      [
        /^[a-z][a-z0-9-]*$/.test(env.project),
        `project "${env.project}" must be lower case letters, digits, dashes`,
      ],
      [/^[a-z][a-z0-9-]*$/.test(env.name), `name "${env.name}" must be lower case letters, digits, dashes`],
      // The longest role name; IAM allows 64 characters.
      [
        nameOf(env, 'temporal-namespace-execution').length <= 64,
        'project and name are too long for IAM role names',
      ],
      [
        env.state.bucket.length >= 3 && env.state.bucket.length <= 63,
        `state.bucket "${env.state.bucket}" must have 3 to 63 characters`,
      ],
    ]),
  ];
}

/** What CloudWatch Logs accepts. */
const logRetentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

function protectionProblems(env: Environment): string[] {
  const {
    deletionProtection,
    finalSnapshot,
    multiAz,
    backupRetentionDays,
    logRetentionDays,
    objectRetentionDays,
    passwordRotation,
  } = env.protection;
  const relaxed = env.tier !== 'production';
  return failed([
    [relaxed || deletionProtection, 'production needs protection.deletionProtection'],
    [relaxed || finalSnapshot, 'production needs protection.finalSnapshot'],
    [relaxed || multiAz, 'production needs protection.multiAz'],
    [
      relaxed || env.network.existingVpc !== undefined || env.network.natPerAz,
      'production needs network.natPerAz',
    ],
    [
      backupRetentionDays >= (relaxed ? 1 : 7) && backupRetentionDays <= 35,
      `protection.backupRetentionDays is ${backupRetentionDays}; RDS takes 1 to 35, production needs 7 at least`,
    ],
    [
      /^cron\(0 \S+ \S+ \S+ \S+ \*\)$/.test(passwordRotation),
      `protection.passwordRotation is "${passwordRotation}"; give Secrets Manager's cron with minute 0, like cron(0 20 ? * SUN#1 *)`,
    ],
    [
      logRetentions.includes(logRetentionDays),
      `protection.logRetentionDays is ${logRetentionDays}; CloudWatch takes ${logRetentions.join(', ')}`,
    ],
    [relaxed || logRetentionDays >= 90, 'production needs protection.logRetentionDays of 90 at least'],
    [objectRetentionDays >= 1, 'protection.objectRetentionDays must be 1 at least'],
  ]);
}

function problemsBetween(environments: readonly Environment[]): string[] {
  const pairs = environments.flatMap((left, index) =>
    environments.slice(index + 1).map((right) => [left, right] as const),
  );
  const accounts = [...new Set(environments.map((env) => env.account))];
  const owners = (account: string): number =>
    environments.filter((env) => env.account === account && env.ownsAccount).length;
  return [
    ...pairs
      .filter(([left, right]) => overlap(left.network.cidr, right.network.cidr))
      .map(
        ([left, right]) =>
          `${left.name} and ${right.name}: network.cidr ${left.network.cidr} and ${right.network.cidr} overlap`,
      ),
    ...pairs
      .filter(([left, right]) => left.name === right.name)
      .map(([left]) => `two environments are called ${left.name}`),
    // Rights go by the beginning of a name: `sluice-dev-*` is `sluice-dev-eu-worker` too.
    ...pairs
      .flatMap(([left, right]) => [[left, right] as const, [right, left] as const])
      .filter(
        ([short, long]) => short.account === long.account && nameOf(long, '').startsWith(nameOf(short, '')),
      )
      .filter(([short, long]) => nameOf(long, '') !== nameOf(short, ''))
      .map(
        ([short, long]) =>
          `the name ${long.name} begins with ${short.name}-: in one account the roles of one would reach the other`,
      ),
    ...accounts
      .filter((account) => owners(account) !== 1)
      .map(
        (account) =>
          `account ${account} has ${owners(account)} environments with ownsAccount; it needs exactly one`,
      ),
  ];
}
