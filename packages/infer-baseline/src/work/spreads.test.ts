import { expect, test } from 'vitest';
import { Spreads } from './spreads';

test('the spread is assumed until twenty steps have shown it, and never below 1.5', () => {
	const spreads = new Spreads(2);
	for (let i = 0; i < 19; i++) spreads.observe(1, 170, 100);
	expect(spreads.spread(1)).toBe(2);
	spreads.observe(1, 170, 100);
	expect(spreads.spread(1)).toBe(1.7);
	expect(spreads.spread(0)).toBe(2);
	spreads.restart(1);
	for (let i = 0; i < 30; i++) spreads.observe(1, 101, 100);
	expect(spreads.spread(1)).toBe(1.5);
});
