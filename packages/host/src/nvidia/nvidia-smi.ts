import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** One GPU as `nvidia-smi` lists it. */
export interface NvidiaGpu {
	readonly index: number;
	readonly name: string;
	readonly uuid: string;
	/** total memory of the card; `undefined` on a chip that shares the host's (`[N/A]`) */
	readonly memoryBytes: number | undefined;
	readonly driverVersion: string;
}

export interface NvidiaGpusOptions {
	/** The program; by default looked for on PATH, then where container toolkits and WSL 2 put it. */
	readonly nvidiaSmi?: string;
	/** How long to wait, milliseconds; default 2000, four times what a healthy host with eight cards takes. */
	readonly timeoutMs?: number;
}

const QUERY = ['--query-gpu=index,name,uuid,memory.total,driver_version', '--format=csv,noheader,nounits'];
const OTHER_FOLDERS = ['/usr/local/nvidia/bin', '/usr/bin', '/usr/lib/wsl/lib'];
/** Where container toolkits mount libnvidia-ml when the image's loader cache does not know it. */
const LIBRARY_FOLDERS = ['/usr/local/nvidia/lib64', '/usr/local/nvidia/lib', '/usr/lib/wsl/lib'];

/**
 * Asks `nvidia-smi` for the GPUs.
 *
 * @returns `undefined` where there is no such program, it failed, or it did not answer in time. On a broken driver it
 * hangs where no signal reaches it: it is then left behind and does not keep this process alive.
 */
export async function queryNvidiaGpus(options: NvidiaGpusOptions = {}): Promise<readonly NvidiaGpu[] | undefined> {
	const program = options.nvidiaSmi ?? findNvidiaSmi();
	if (program === undefined) return undefined;
	const text = await outputOf(program, options.timeoutMs ?? 2000);
	return text === undefined ? undefined : parseGpuList(text);
}

/** @param text lines of `index, name, uuid, MiB, driver`; lines of another shape, such as warnings, are left out */
export function parseGpuList(text: string): readonly NvidiaGpu[] {
	return text.split('\n').flatMap((line) => {
		const [index, name, uuid, mebibytes, driverVersion] = line.split(',').map((cell) => cell.trim());
		if (!isCount(index) || name === undefined || uuid === undefined || driverVersion === undefined) return [];
		const memoryBytes = isCount(mebibytes) ? Number(mebibytes) * 2 ** 20 : undefined;
		return [{ index: Number(index), name, uuid, memoryBytes, driverVersion }];
	});
}

function isCount(cell: string | undefined): boolean {
	return cell !== undefined && /^\d+$/.test(cell);
}

function findNvidiaSmi(): string | undefined {
	const folders = [...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), ...OTHER_FOLDERS];
	return folders.map((folder) => join(folder, 'nvidia-smi')).find(isExecutable);
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

function outputOf(program: string, timeoutMs: number): Promise<string | undefined> {
	return new Promise((resolve) => {
		const libraryPath = [process.env.LD_LIBRARY_PATH, ...LIBRARY_FOLDERS].filter(Boolean).join(delimiter);
		const child = spawn(program, QUERY, {
			stdio: ['ignore', 'pipe', 'ignore'],
			env: { ...process.env, LD_LIBRARY_PATH: libraryPath },
		});
		let text = '';
		const timer = setTimeout(() => {
			child.kill('SIGKILL');
			child.stdout.destroy();
			child.unref();
			resolve(undefined);
		}, timeoutMs);
		child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
			text += chunk;
		});
		child.once('error', () => {
			clearTimeout(timer);
			resolve(undefined);
		});
		child.once('close', (code) => {
			clearTimeout(timer);
			resolve(code === 0 ? text : undefined);
		});
	});
}
