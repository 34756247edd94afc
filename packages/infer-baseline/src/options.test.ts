import { expect, test } from 'vitest';
import { InferenceEngine } from './engine';
import type { EngineOptions } from './options';

const wrong = (options: Record<string, unknown>) => options as EngineOptions;

test.each<[string, EngineOptions, string]>([
	['classifier', wrong({ classifier: 'rule' }), 'expected an object with classify(), received "rule"'],
	['classifier', wrong({ classifier: {} }), 'expected an object with classify(), received an object'],
	['fingerprintKey', wrong({ fingerprintKey: 1 }), 'expected true or false, received 1'],
	['warmupSteps', { warmupSteps: -1 }, 'expected an integer >= 0, received -1'],
	['warmupSteps', { warmupSteps: 2.5 }, 'expected an integer >= 0, received 2.5'],
	['outlierRatio', { outlierRatio: 1 }, 'expected a number > 1, or 0, received 1'],
	['outlierRatio', { outlierRatio: Number.NaN }, 'expected a number > 1, or 0, received NaN'],
	['pauseOnSeverity', wrong({ pauseOnSeverity: 'high' }), 'expected one of HIGH, MEDIUM, LOW, off, received "high"'],
	['maxWorkloads', { maxWorkloads: 0 }, 'expected an integer >= 1, received 0'],
	['histogramBoundsNs', { histogramBoundsNs: [] }, 'expected a non-empty array of rising finite numbers, received []'],
	[
		'histogramBoundsNs',
		{ histogramBoundsNs: [1, 1] },
		'expected a non-empty array of rising finite numbers, received [1, 1]',
	],
	['context', wrong({ context: null }), 'expected an object, received null'],
	['newEventId', wrong({ newEventId: 'id' }), 'expected a function, received "id"'],
])('a wrong %s is named with its value', (name, options, message) => {
	expect(() => new InferenceEngine(options)).toThrow(new TypeError(`${name}: ${message}`));
});
