import { release } from 'node:os';
import { describeArm64 } from './arm64/kernel';
import { branchBackTo } from './x64/loops';
import { readPrologue, type Step } from './x64/prologue';

/** How the kernel gets past the probed instruction, which decides what a hit costs. */
export type SiteClass =
	/** The kernel does the instruction itself: about 1 us a hit on the machine measured. */
	| 'emulated'
	/** The instruction runs alone in a copy: 5 to 17 us a hit there. */
	| 'stepped';

/** Where the probes of one function go. */
export interface ProbeSite {
	/** Bytes from the start of the function. */
	readonly offset: number;
	readonly siteClass: SiteClass;
	/** How far the stack pointer has moved down from the function's entry, to find the arguments on the stack. */
	readonly stackShiftBytes: number;
	/** The instruction there, in the words of a disassembler. */
	readonly instruction: string;
}

/** A place for the probes of a function, or why there is none. */
export interface SiteDecision {
	/** With a refusal: the place it is about, if there was one. */
	readonly site: ProbeSite | undefined;
	readonly refused?: string;
}

export interface SiteNeeds {
	/** The function's return is probed too: the place must be one where the return address is on top of the stack. */
	readonly returns: boolean;
	/** Take a place where the kernel has to single-step rather than none. */
	readonly allowStepped: boolean;
}

export interface SiteMachine {
	readonly architecture: string;
	/** As `uname -r` says. */
	readonly kernelRelease: string;
	/** False where probes on nops of several bytes were seen to do harm. Default true. */
	readonly longNops?: boolean;
}

/**
 * Chooses the instruction of a function to put its probes on, from the function's code.
 *
 * x86-64: the first instruction that the kernel emulates, at the start, directly after `endbr64`, or, where only the
 * entry is probed, deeper in: as far as every call passes with its arguments in place (see {@link readPrologue}). A
 * return probe takes the return address from the top of the stack, so deeper in it would send the target astray, and a
 * 5-byte nop, which newer kernels turn into a call, would there corrupt the red zone.
 *
 * arm64: always the start, before any instruction signs or stores the return address; nearly all are single-stepped.
 *
 * @param code the function from its start, as much as there is; never past its end
 */
export function chooseSite(code: Uint8Array, needs: SiteNeeds, machine: SiteMachine = thisMachine()): SiteDecision {
	return machine.architecture === 'x64' ? chooseX64(code, needs, machine) : chooseArm64(code);
}

export function thisMachine(): SiteMachine {
	return { architecture: process.arch, kernelRelease: release() };
}

function chooseX64(code: Uint8Array, { returns, allowStepped }: SiteNeeds, machine: SiteMachine): SiteDecision {
	const { kernelRelease, longNops = true } = machine;
	const onLongNops = isAtLeast(kernelRelease, 6, 18) ? 'emulated' : 'stepped';
	const { steps, end } = readPrologue(code, { longNops: longNops ? onLongNops : 'never' });
	// Directly after endbr64 comes before endbr64 itself, which is single-stepped.
	const entrance = steps.filter(({ atEntrance }) => atEntrance).reverse();
	const deeper = returns ? [] : steps.filter(({ atEntrance }) => !atEntrance);
	const emulated = [...entrance, ...deeper].find(({ treatment }) => treatment === 'emulated');
	const stepped = entrance.find(({ treatment }) => treatment === 'stepped');
	const decisions = [emulated, stepped].flatMap((step): SiteDecision[] => {
		if (step === undefined) return [];
		const refused = whyNot(step, code, allowStepped, returns ? 'its return cannot be probed deeper' : end);
		return [{ site: siteOf(step), ...(refused === undefined ? {} : { refused }) }];
	});
	const chosen = decisions.find(({ refused }) => refused === undefined) ?? decisions[0];
	return chosen ?? { site: undefined, refused: `no probe can sit at its start: ${end}` };
}

/** What the attach cookie has room for: see attach/cookie.ts. */
const MAX_STACK_SHIFT_BYTES = 0xff * 8;

function whyNot(step: Step, code: Uint8Array, allowStepped: boolean, noDeeper: string): string | undefined {
	const { stackShiftBytes } = step;
	if (stackShiftBytes > MAX_STACK_SHIFT_BYTES || stackShiftBytes % 8 !== 0) {
		return `${step.text} comes after the stack pointer has moved by ${stackShiftBytes} bytes, too far or out of line`;
	}
	if (step.treatment === 'stepped' && !allowStepped) {
		return `the kernel single-steps ${step.text} at its start, and there is no better place: ${noDeeper}`;
	}
	const back = branchBackTo(code, step.offset);
	if (back !== undefined) return `the branch at +${back} goes back to its start without a call`;
	return undefined;
}

function chooseArm64(code: Uint8Array): SiteDecision {
	if (code.length < 4) return { site: undefined, refused: 'it has no code' };
	const { treatment, text } = describeArm64(new DataView(code.buffer, code.byteOffset).getUint32(0, true));
	const site = siteOf({ offset: 0, treatment, text, stackShiftBytes: 0 });
	return treatment === 'never'
		? { site: undefined, refused: `the kernel refuses its first instruction: ${text}` }
		: { site };
}

function siteOf({ offset, treatment, text, stackShiftBytes }: Omit<Step, 'atEntrance'>): ProbeSite {
	return { offset, siteClass: treatment === 'emulated' ? 'emulated' : 'stepped', stackShiftBytes, instruction: text };
}

function isAtLeast(kernelRelease: string, major: number, minor: number): boolean {
	const [, foundMajor = '0', foundMinor = '0'] = /^(\d+)\.(\d+)/.exec(kernelRelease) ?? [];
	return Number(foundMajor) > major || (Number(foundMajor) === major && Number(foundMinor) >= minor);
}
