/** `verbs('ec2', 'CreateVpc')`: `ec2:CreateVpc`. */
export const verbs = (service: string, ...names: string[]): string[] =>
  names.map((name) => `${service}:${name}`);
