import { resolveAll, type AnyPipeline } from '../core/resolve.ts';
import { olist } from './olist.ts';

/** Every pipeline there is. Resolving checks them all, and their places in the lake against each other. */
const written: readonly AnyPipeline[] = [olist];

export const registry = resolveAll(written);
