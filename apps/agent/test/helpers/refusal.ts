import { expect } from 'vitest';
import { type RunOptions, runIngero } from './run-ingero';

/**
 * Expects the command line to be refused: code 2, nothing on standard output, and one line on standard error that
 * names what is wrong and what would be right.
 */
export async function expectRefusal(
	args: readonly string[],
	{ names, advises, ...options }: RunOptions & { readonly names: string; readonly advises: RegExp | string },
): Promise<void> {
	const { code, stdout, stderr } = await runIngero(args, options);
	expect(stderr).toMatch(/^ingero: .+\n$/);
	expect(stderr).toContain(names);
	if (typeof advises === 'string') expect(stderr).toContain(advises);
	else expect(stderr).toMatch(advises);
	expect(stderr).not.toMatch(/\bat .+:\d+:\d+|TypeError|undefined/);
	expect(stdout).toBe('');
	expect(code).toBe(2);
}
