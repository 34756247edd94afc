import { describe, expect, it } from 'vitest';
import { ProbeSession } from './probe-session';

// What a session does needs a kernel: see test/.
describe('ProbeSession', () => {
	it.each([
		[{ admission: 1.5 }, 'admission'],
		[{ admission: -0.1 }, 'admission'],
		[{ admission: Number.NaN }, 'admission'],
		[{ pids: [0] }, 'pids'],
		[{ pids: [1, 2.5] }, 'pids'],
	])('refuses %o, and names the option', (options, name) => {
		expect(() => new ProbeSession(options)).toThrow(
			expect.objectContaining({ name: 'TypeError', message: expect.stringContaining(name) }),
		);
	});
});
