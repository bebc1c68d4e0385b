/** Change the three together: docs/infrastructure.md, "Upgrades". */
export const images = {
  server: 'temporalio/server:1.31.2',
  adminTools: 'temporalio/admin-tools:1.31.2',
  ui: 'temporalio/ui:2.53.3',
  /** Keeps the door of the UI's task open. */
  door: 'public.ecr.aws/amazonlinux/amazonlinux:2023-minimal',
} as const;
