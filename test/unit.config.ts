import { mergeConfig } from 'vitest/config';
import everything, { unit } from '../vitest.config.ts';

/* Beside the configuration of all tests instead of a project in it: each project has workers of its own, which load everything again. */
export default mergeConfig(everything, { test: { include: unit } });
