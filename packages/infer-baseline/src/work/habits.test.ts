import { expect, test } from 'vitest';
import { Habits } from './habits';

/** After how many steps a pattern of outliers is a habit. */
function habitAfter(isOutlier: (i: number) => boolean): number | undefined {
	const habits = new Habits(2);
	for (let i = 0; i < 20_000; i++) {
		habits.observe(1, isOutlier(i));
		if (habits.isHabit(1)) return i + 1;
	}
	return undefined;
}

test.each<[string, (i: number) => boolean]>([
	['one step in ten', (i) => i % 10 === 0],
	['half of them, in blocks of 30', (i) => i % 60 < 30],
])('slow steps that never end are a habit after 1,024: %s', (_, isOutlier) => {
	expect(habitAfter(isOutlier)).toBe(1024);
});

test.each<[string, (i: number) => boolean]>([
	['one step in twenty-five', (i) => i % 25 === 0],
	['nearly all of them', (i) => i % 8 !== 0],
	['a hundred in a row, then nine hundred without', (i) => i % 1000 < 100],
	[
		'nine hundred steps of which every other one is slow, then four hundred without',
		(i) => i % 1300 < 900 && i % 2 === 0,
	],
])('others are not: %s', (_, isOutlier) => {
	expect(habitAfter(isOutlier)).toBeUndefined();
});
