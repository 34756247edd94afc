import { basename } from 'node:path';
import { type ProbeSession, type StackFrame, Symbolizer } from '@ingero/probes';
import type { StackLines } from '../output/event-lines';

/** Lines of the stacks that a session takes: `libtorch_cuda.so!_ZN2at6native5copy_Ev+0x1f0`. */
export class SessionStacks implements StackLines {
	readonly #session: Pick<ProbeSession, 'stack'>;
	readonly #symbolizer = new Symbolizer();

	constructor(session: Pick<ProbeSession, 'stack'>) {
		this.#session = session;
	}

	of(pid: number, stack: number): readonly string[] | undefined {
		const addresses = this.#session.stack(stack);
		return addresses && this.#symbolizer.frames(pid, addresses).map(frameLine);
	}

	forgetProcess(pid: number): void {
		this.#symbolizer.forgetProcess(pid);
	}

	close(): void {
		this.#symbolizer.close();
	}
}

function frameLine({ address, file, symbol, offset = 0 }: StackFrame): string {
	if (file === undefined) return `0x${address.toString(16)}`;
	const name = symbol === undefined ? basename(file) : `${basename(file)}!${symbol}`;
	return `${name}+0x${offset.toString(16)}`;
}
