import { sourceConformance } from '../conformance/suite.ts';
import { openMysql } from './harness.ts';

sourceConformance('MySQL', openMysql);
