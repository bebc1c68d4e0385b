import { TerminalError } from '../../../core/errors.ts';

const MIB = 1024 ** 2;
/**
 * What Fargate gives: CPU units, and MiB of memory from, to, in steps of.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
const SIZES = [
  { cpu: 256, from: 512, to: 512, step: 512 },
  { cpu: 256, from: 1_024, to: 2_048, step: 1_024 },
  { cpu: 512, from: 1_024, to: 4_096, step: 1_024 },
  { cpu: 1_024, from: 2_048, to: 8_192, step: 1_024 },
  { cpu: 2_048, from: 4_096, to: 16_384, step: 1_024 },
  { cpu: 4_096, from: 8_192, to: 30_720, step: 1_024 },
  { cpu: 8_192, from: 16_384, to: 61_440, step: 4_096 },
  { cpu: 16_384, from: 32_768, to: 122_880, step: 8_192 },
] as const;
const UNITS = 1_024; // of a core
/** For the two helpers beside the container, which are not at work at the same time. */
const HELPERS_MIB = 256;
const DEFAULT = { cpu: 1, memory: 2_048 * MIB - HELPERS_MIB * MIB };

/** The smallest task of Fargate that has so many cores and so many bytes. @throws {TerminalError} there is none */
export function taskSize(
  subject: string,
  { cpu = DEFAULT.cpu, memory = DEFAULT.memory }: { cpu?: number | undefined; memory?: number | undefined },
): { readonly cpu: string; readonly memory: string } {
  const units = cpu * UNITS;
  const wanted = Math.ceil(memory / MIB) + HELPERS_MIB;
  const fitting = SIZES.find((size) => size.cpu >= units && size.to >= wanted);
  if (!fitting)
    throw new TerminalError(
      `${subject} asks for ${cpu} cores and ${Math.ceil(memory / MIB)} MiB; Fargate gives 16 cores and ${122_880 - HELPERS_MIB} MiB at most. Ask for less ('container.cpu', 'container.memory').`,
    );
  const steps = Math.max(0, Math.ceil((wanted - fitting.from) / fitting.step));
  return { cpu: String(fitting.cpu), memory: String(fitting.from + steps * fitting.step) };
}
