import { call, calls, type CallTable } from './call.ts';

const group = 'logs:log-group:{name}';
const secret = 'secretsmanager:secret:{name}-a1b2c3';
const key = 'kms:key/there';
const alias = 'kms:{name}';
const role = 'iam:role/{name}';
const inline = 'iam:role/{role}';
const rule = 'events:rule/{name}';
const target = 'events:rule/{rule}';
const alarm = 'cloudwatch:alarm:{alarm_name}';
const dashboard = 'cloudwatch:dashboard/{dashboard_name}';
const topic = 'sns:{name}';
const queue = 'sqs:{name}';
const parameter = 'ssm:parameter{name}';
const budget = 'budgets:budget/{name}';

/** Logs, alarms, messages, parameters, secrets, keys, roles. */
export const operationsCalls: CallTable = {
  aws_cloudwatch_log_group: calls({
    create: [
      ...call('logs', 'CreateLogGroup TagResource', `+${group}`),
      ...call('logs', 'PutRetentionPolicy AssociateKmsKey', group),
    ],
    read: [...call('logs', 'DescribeLogGroups', '*'), ...call('logs', 'ListTagsForResource', group)],
    update: call(
      'logs',
      'PutRetentionPolicy DeleteRetentionPolicy AssociateKmsKey DisassociateKmsKey TagResource UntagResource',
      group,
    ),
    delete: call('logs', 'DeleteLogGroup', group),
  }),
  aws_cloudwatch_metric_alarm: calls({
    create: call('cloudwatch', 'PutMetricAlarm TagResource', `+${alarm}`),
    read: call('cloudwatch', 'DescribeAlarms ListTagsForResource', alarm),
    update: call('cloudwatch', 'PutMetricAlarm TagResource UntagResource', alarm),
    delete: call('cloudwatch', 'DeleteAlarms', alarm),
  }),
  aws_cloudwatch_dashboard: calls({
    create: call('cloudwatch', 'PutDashboard', `+${dashboard}`),
    read: call('cloudwatch', 'GetDashboard', dashboard),
    update: call('cloudwatch', 'PutDashboard', dashboard),
    delete: call('cloudwatch', 'DeleteDashboards', dashboard),
  }),
  aws_cloudwatch_event_rule: calls({
    create: call('events', 'PutRule TagResource', `+${rule}`),
    read: call('events', 'DescribeRule ListTagsForResource', rule),
    update: call('events', 'PutRule TagResource UntagResource', rule),
    delete: call('events', 'DeleteRule', rule),
  }),
  aws_cloudwatch_event_target: calls({
    create: call('events', 'PutTargets', target),
    read: call('events', 'ListTargetsByRule', target),
    update: call('events', 'PutTargets', target),
    delete: call('events', 'RemoveTargets', target),
  }),
  aws_budgets_budget: calls({
    create: call('budgets', 'ModifyBudget TagResource', `+${budget}`),
    read: call('budgets', 'ViewBudget ListTagsForResource', budget),
    update: call('budgets', 'ModifyBudget TagResource UntagResource', budget),
    delete: call('budgets', 'ModifyBudget', budget),
  }),
  aws_sns_topic: calls({
    create: [
      ...call('sns', 'CreateTopic TagResource', `+${topic}`),
      ...call('sns', 'SetTopicAttributes', topic),
    ],
    read: call('sns', 'GetTopicAttributes ListTagsForResource', topic),
    update: call('sns', 'SetTopicAttributes TagResource UntagResource', topic),
    delete: call('sns', 'DeleteTopic', topic),
  }),
  aws_sns_topic_policy: calls({
    create: call('sns', 'SetTopicAttributes', '{arn}'),
    read: call('sns', 'GetTopicAttributes', '{arn}'),
    update: call('sns', 'SetTopicAttributes', '{arn}'),
    delete: call('sns', 'SetTopicAttributes', '{arn}'),
  }),
  aws_sns_topic_subscription: calls({
    create: call('sns', 'Subscribe', '{topic_arn}'),
    // By the ARN of the subscription, for which SNS has no resource type.
    read: call('sns', 'GetSubscriptionAttributes', '*'),
    update: call('sns', 'SetSubscriptionAttributes', '{topic_arn}'),
    delete: call('sns', 'Unsubscribe', '*'),
  }),
  aws_sqs_queue: calls({
    create: call('sqs', 'CreateQueue TagQueue', `+${queue}`),
    read: call('sqs', 'GetQueueAttributes ListQueueTags', queue),
    update: call('sqs', 'SetQueueAttributes TagQueue UntagQueue', queue),
    delete: call('sqs', 'DeleteQueue', queue),
  }),
  aws_sqs_queue_policy: calls({
    create: call('sqs', 'SetQueueAttributes', 'sqs:{project}-{environment}-queue'),
    read: call('sqs', 'GetQueueAttributes', 'sqs:{project}-{environment}-queue'),
    update: call('sqs', 'SetQueueAttributes', 'sqs:{project}-{environment}-queue'),
    delete: call('sqs', 'SetQueueAttributes', 'sqs:{project}-{environment}-queue'),
  }),
  aws_ssm_parameter: calls({
    create: call('ssm', 'PutParameter AddTagsToResource', `+${parameter}`),
    read: [
      ...call('ssm', 'GetParameter GetParameters ListTagsForResource', parameter),
      ...call('ssm', 'DescribeParameters', '*'),
    ],
    update: call('ssm', 'PutParameter AddTagsToResource RemoveTagsFromResource', parameter),
    delete: call('ssm', 'DeleteParameter', parameter),
  }),
  aws_secretsmanager_secret: calls({
    create: call('secretsmanager', 'CreateSecret TagResource', `+${secret}`),
    read: call('secretsmanager', 'DescribeSecret GetResourcePolicy', secret),
    update: [
      ...call('secretsmanager', 'UpdateSecret TagResource UntagResource', secret),
      ...call('kms', 'Decrypt GenerateDataKey', '{kms_key_id}', {
        'kms:ViaService': 'secretsmanager.{region}.amazonaws.com',
      }),
    ],
    delete: call('secretsmanager', 'DeleteSecret', secret),
  }),
  aws_secretsmanager_secret_rotation: calls({
    create: [
      ...call('secretsmanager', 'RotateSecret', '{secret_id}'),
      // Secrets Manager asks whether the caller may call the function.
      ...call('lambda', 'InvokeFunction', '{rotation_lambda_arn}'),
    ],
    read: call('secretsmanager', 'DescribeSecret', '{secret_id}'),
    update: [
      ...call('secretsmanager', 'RotateSecret', '{secret_id}'),
      ...call('lambda', 'InvokeFunction', '{rotation_lambda_arn}'),
    ],
    delete: call('secretsmanager', 'CancelRotateSecret', '{secret_id}'),
  }),
  aws_kms_key: calls({
    create: [
      ...call('kms', 'CreateKey', '*'),
      ...call('kms', 'TagResource', `+${key}`),
      ...call('kms', 'EnableKeyRotation', key),
    ],
    read: call('kms', 'DescribeKey GetKeyPolicy GetKeyRotationStatus ListResourceTags', key),
    update: call('kms', 'PutKeyPolicy UpdateKeyDescription EnableKeyRotation TagResource UntagResource', key),
    delete: call('kms', 'ScheduleKeyDeletion', key),
  }),
  aws_kms_alias: calls({
    create: call('kms', 'CreateAlias', [`+${alias}`, key]),
    read: call('kms', 'ListAliases', '*'),
    update: call('kms', 'UpdateAlias', [alias, key]),
    delete: call('kms', 'DeleteAlias', [alias, key]),
  }),
  aws_iam_role: calls({
    create: [
      ...call('iam', 'CreateRole', `+${role}`, { 'iam:PermissionsBoundary': '{permissions_boundary}' }),
      ...call('iam', 'TagRole', `+${role}`),
    ],
    read: call('iam', 'GetRole ListRolePolicies GetRolePolicy ListAttachedRolePolicies', role),
    update: [
      ...call('iam', 'UpdateRole UpdateAssumeRolePolicy TagRole UntagRole', role),
      ...call('iam', 'PutRolePermissionsBoundary', role, {
        'iam:PermissionsBoundary': '{permissions_boundary}',
      }),
    ],
    delete: call('iam', 'ListInstanceProfilesForRole DeleteRole', role),
  }),
  aws_iam_role_policy: calls({
    create: call('iam', 'PutRolePolicy', inline, { 'iam:PermissionsBoundary': '{boundary}' }),
    read: call('iam', 'GetRolePolicy', inline),
    update: call('iam', 'PutRolePolicy', inline, { 'iam:PermissionsBoundary': '{boundary}' }),
    delete: call('iam', 'DeleteRolePolicy', inline, { 'iam:PermissionsBoundary': '{boundary}' }),
  }),
  aws_iam_role_policy_attachment: calls({
    create: call('iam', 'AttachRolePolicy', inline, { 'iam:PermissionsBoundary': '{boundary}' }),
    read: call('iam', 'ListAttachedRolePolicies', inline),
    delete: call('iam', 'DetachRolePolicy', inline, { 'iam:PermissionsBoundary': '{boundary}' }),
  }),
};
