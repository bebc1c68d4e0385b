import type { Command } from 'commander';
import type { Lineage } from '../../core/lineage/lineage.ts';
import { find, traceOf, type Trace, type TracedNode } from '../../core/lineage/trace.ts';
import { dashboards } from '../../dashboards/index.ts';
import { lineageNow } from '../../operations/lineage.ts';
import { registry } from '../../pipelines/index.ts';
import { table } from '../output.ts';
import { withLedger } from '../session.ts';
import { example, invocation } from './globals.ts';

export function lineageCommand(command: Command): void {
  command
    .addHelpText('after', example('sluice lineage olist fct_orders.order_total'))
    .action(async (pipeline: string, of: string | undefined, _options: unknown, command: Command) => {
      const { options, output } = invocation(command);
      const { lineage, built } = await withLedger(options, output, ({ ledger }) =>
        lineageNow(ledger, registry, dashboards, pipeline),
      );
      if (!built)
        output.progress(
          `No run has built the models of ${pipeline} yet, or none since they are put down: what is between its tables and its panels is not known.`,
        );
      if (of === undefined) return output.result({ ...lineage, built: built ?? null }, wholeText(lineage));
      const trace = traceOf(lineage, find(lineage, of));
      output.result(plain(trace), traceText(trace));
    });
}

function wholeText({ nodes }: Lineage): string {
  const rows = nodes.map(({ layer, id, title, of, from, columns }) => [
    layer,
    layer === 'panel' ? `${id} ${title}` : id,
    columns.length ? `${columns.filter(({ from }) => from !== null).length} of ${columns.length}` : '–',
    [
      ...from,
      ...(of === undefined || layer === 'panel'
        ? []
        : [`${layer === 'dataset' ? 'by task' : 'pipeline'} ${of}`]),
    ].join(', '),
  ]);
  return table(['layer', 'what', 'columns known', 'made of'], rows, []);
}

function traceText({ of, upstream, downstream }: Trace): string {
  const name = `${of.node.id}${of.column === undefined ? '' : `.${of.column}`}`;
  return [`${name} is made of:`, ...linesOf(upstream), '', `made of ${name}:`, ...linesOf(downstream)].join(
    '\n',
  );
}

function linesOf(nodes: readonly TracedNode[]): string[] {
  if (!nodes.length) return ['  nothing'];
  return nodes.map(({ node: { layer, id, title }, columns }) => {
    const what = columns === null ? '' : `: ${columns.join(', ')}`;
    return `  ${layer.padEnd(9)} ${id}${layer === 'panel' ? ` ${title}` : ''}${what}`;
  });
}

/** For programs: nodes by their ids. `columns` null: the whole, or which of them cannot be told. */
function plain({ of, upstream, downstream }: Trace) {
  const short = ({ node: { id, layer, title }, columns }: TracedNode) => ({ id, layer, title, columns });
  return {
    of: { id: of.node.id, column: of.column ?? null },
    upstream: upstream.map(short),
    downstream: downstream.map(short),
  };
}
