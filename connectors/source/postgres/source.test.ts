import { sourceConformance } from '../conformance/suite.ts';
import { openPostgres } from './harness.ts';

sourceConformance('PostgreSQL', openPostgres);
