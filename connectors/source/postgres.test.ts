import { sourceConformance } from './conformance.ts';
import { openPostgres } from './postgres-harness.ts';

sourceConformance('PostgreSQL', openPostgres);
