import { Argument, Command, type Option } from 'commander';
import { example, invocation } from './globals.ts';

/** A command, as the list of all has it. */
interface Entry {
  readonly usage: string;
  readonly description: string;
  readonly load: () => Promise<(command: Command) => void>;
}

const SHELLS = ['bash', 'zsh', 'fish'] as const;

export function completionCommand(command: Command, all: readonly Entry[]): void {
  command
    .addArgument(new Argument('<shell>', 'whose').choices(SHELLS))
    .addHelpText(
      'after',
      example(
        'sluice completion bash > /etc/bash_completion.d/sluice',
        'sluice completion zsh > "${fpath[1]}/_sluice"',
        'sluice completion fish > ~/.config/fish/completions/sluice.fish',
      ),
    )
    .action(async (shell: (typeof SHELLS)[number], _options: unknown, command: Command) => {
      const { output } = invocation(command);
      const words = await wordsOf(all, command.parent?.options ?? []);
      const script = shell === 'fish' ? fish(all, words) : { bash, zsh }[shell](words);
      output.result({ shell, words }, script);
    });
}

/** Commands with their options; those that every command has under ''. */
type Words = Readonly<Record<string, readonly string[]>>;

async function wordsOf(entries: readonly Entry[], globals: readonly Option[]): Promise<Words> {
  const long = (options: readonly Option[]) => options.flatMap((each) => each.long ?? []);
  const all: Record<string, readonly string[]> = { '': ['--help', ...long(globals)] };
  for (const { usage, load } of entries) {
    const command = new Command(usage.split(' ')[0]);
    for (const argument of usage.split(' ').slice(1)) command.argument(argument);
    (await load())(command);
    all[command.name()] = [...long(command.options), ...command.commands.map((each) => each.name())];
  }
  return all;
}

const namesOf = (words: Words) => Object.keys(words).filter(Boolean).join(' ');

function cases(words: Words): string[] {
  return Object.entries(words)
    .filter(([name]) => name)
    .map(([name, own]) => `    ${name}) words="${[...own, ...(words[''] ?? [])].join(' ')}" ;;`);
}

function bash(words: Words): string {
  return [
    '_sluice() {',
    '  local words command=""',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do [[ $word == -* ]] || { command=$word; break; }; done',
    '  case "$command" in',
    `    "") words="${namesOf(words)} ${(words[''] ?? []).join(' ')}" ;;`,
    ...cases(words),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    'complete -o default -F _sluice sluice',
  ].join('\n');
}

function zsh(words: Words): string {
  return `#compdef sluice\nautoload -U +X bashcompinit && bashcompinit\n${bash(words)}`;
}

function fish(entries: readonly Entry[], words: Words): string {
  const lines = entries.map(({ usage, description }) => {
    const [name = ''] = usage.split(' ');
    return `complete -c sluice -f -n __fish_use_subcommand -a ${name} -d '${description.replaceAll("'", '’')}'`;
  });
  const options = Object.entries(words).flatMap(([name, own]) =>
    own.map((word) => {
      const seen = name ? ` -n '__fish_seen_subcommand_from ${name}'` : '';
      return word.startsWith('--')
        ? `complete -c sluice${seen} -l ${word.slice(2)}`
        : `complete -c sluice${seen} -a ${word}`;
    }),
  );
  return [...lines, ...options].join('\n');
}
