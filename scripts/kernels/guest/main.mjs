// Runs inside of a virtual machine with a kernel to be tested; ../guest.mjs starts it and reads what it tells.
import { release } from 'node:os';
import { features } from '@ingero/bpf-loader-native';
import { checkKernelFunctions } from './kernel-functions.mjs';
import { checkProbes } from './probes.mjs';
import { checkRefusal } from './refusal.mjs';
import { check, tell } from './report.mjs';
import { checkAgent, checkFeatures, checkSelfTest } from './survey.mjs';

const [major, minor] = release().split('.').map(Number);
/** Whether this kernel is as new as one. */
const isAtLeast = (wantedMajor, wantedMinor) => major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);

tell({ type: 'hello', release: release(), architecture: process.arch, features: features() });
await check('features', () => checkFeatures(isAtLeast));
if (isAtLeast(5, 15)) {
	await check('agent', checkAgent);
	await check('self-test', checkSelfTest);
	await checkProbes();
	await checkKernelFunctions();
} else await check('refusal', checkRefusal);
tell({ type: 'done' });
process.exit();
