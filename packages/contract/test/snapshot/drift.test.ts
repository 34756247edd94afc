import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as contract from '../../src/index.ts';
import { diff } from './diff.ts';
import { takeSnapshot } from './snapshot.ts';

const current = takeSnapshot(contract);

test('the contract is the accepted one', () => {
	const accepted = JSON.parse(readFileSync(new URL('contract.snapshot.json', import.meta.url), 'utf8'));
	const changes = diff(accepted, current);
	expect(
		changes,
		`Dashboards and readers depend on these names. If the change is meant, run \`pnpm contract:accept\`, commit what it \
writes and say so in a changeset.\n  ${changes.join('\n  ')}`,
	).toEqual([]);
});

/** A copy of the contract that a test may change, typed loosely on purpose. */
// biome-ignore lint/suspicious/noExplicitAny: the drifts below break the types, that is their point.
function changed(change: (copy: any) => void): string[] {
	const copy = structuredClone(current);
	change(copy);
	return diff(current, copy);
}

test('a renamed metric is seen, whether its key stays or goes', () => {
	expect(
		changed((copy) => {
			copy.metrics.inferEvictionsTotal.name = 'ingero.infer.evicted';
		}),
	).toEqual(['metrics.inferEvictionsTotal.name: "ingero.infer.evictions_total" -> "ingero.infer.evicted"']);
	expect(
		changed(({ metrics }) => {
			metrics.inferEvicted = {
				...metrics.inferEvictionsTotal,
				name: 'ingero.infer.evicted',
				prometheus: { ...metrics.inferEvictionsTotal.prometheus, name: 'ingero_infer_evicted' },
			};
			delete metrics.inferEvictionsTotal;
		}),
	).toEqual([
		'metrics: renamed inferEvictionsTotal (ingero.infer.evictions_total) -> inferEvicted (ingero.infer.evicted)',
	]);
});

test('a renamed attribute, message or Prometheus family is seen', () => {
	expect(
		changed(({ attributes, messages, metrics }) => {
			attributes.gpuUuid.key = 'gpu.id';
			messages.straggle.type = 'straggler';
			metrics.inferStepDurationNs.prometheus.name = 'ingero_infer_step_ns';
		}),
	).toEqual([
		'attributes.gpuUuid.key: "gpu.uuid" -> "gpu.id"',
		'messages.straggle.type: "straggle" -> "straggler"',
		'metrics.inferStepDurationNs.prometheus.name: "ingero_infer_step_duration_ns" -> "ingero_infer_step_ns"',
	]);
});

test('a removal is seen', () => {
	const [change, ...others] = changed(({ metrics }) => {
		delete metrics.gpuMemoryUsed;
	});
	expect(change).toMatch(/^metrics\.gpuMemoryUsed: removed, was .*"gpu\.memory\.used"/);
	expect(others).toEqual([]);
});

test('an addition is seen', () => {
	const [change, ...others] = changed(({ metrics }) => {
		metrics.gpuMemoryShared = { name: 'gpu.memory.shared', type: 'gauge' };
	});
	expect(change).toMatch(/^metrics\.gpuMemoryShared: added .*"gpu\.memory\.shared"/);
	expect(others).toEqual([]);
});

test('a changed unit, type, attribute set, bound or value is seen', () => {
	expect(
		changed((copy) => {
			copy.metrics.inferBaselineMeanNs.unit = 'ms';
			copy.metrics.inferBaselineMeanNs.type = 'histogram';
			copy.metrics.inferThrottleActiveTotal.attributes.push('gpu.uuid');
			copy.attributes.pid.type = 'string';
			copy.histogramBounds['gpu.memcpy.duration_ms'][12] = 2000;
			copy.enums.phases.pop();
			copy.enums.lossCauses.late.name = 'too_late';
			copy.remediationSocket.path = '/run/ingero.sock';
		}).sort(),
	).toEqual(
		[
			'metrics.inferBaselineMeanNs.unit: "ns" -> "ms"',
			'metrics.inferBaselineMeanNs.type: "gauge" -> "histogram"',
			'metrics.inferThrottleActiveTotal.attributes: ["ingero.infer.outlier_bucket"] -> ["ingero.infer.outlier_bucket","gpu.uuid"]',
			'attributes.pid.type: "int" -> "string"',
			'histogramBounds.gpu.memcpy.duration_ms: [0.1,0.25,0.5,1,2.5,5,10,25,50,100,250,500,1000] -> [0.1,0.25,0.5,1,2.5,5,10,25,50,100,250,500,2000]',
			'enums.phases: ["prefill","decode","mixed","unknown"] -> ["prefill","decode","mixed"]',
			'enums.lossCauses.late.name: "late" -> "too_late"',
			'remediationSocket.path: "/tmp/ingero-remediate.sock" -> "/run/ingero.sock"',
		].sort(),
	);
});

test('changed message fields are seen', () => {
	expect(
		changed(({ messages: { inferenceOutlier, inferenceStep, event } }) => {
			inferenceOutlier.fields.pid.required = false;
			inferenceOutlier.fields.level = inferenceOutlier.fields.bucket;
			delete inferenceOutlier.fields.bucket;
			inferenceStep.fields.cause.fields.share.type = 'string';
			event.fields.cpu = { type: 'uint32', required: true, since: 'later' };
		}),
	).toEqual([
		'messages.event.fields.cpu: added {"type":"uint32","required":true,"since":"later"}',
		'messages.inferenceOutlier.fields: renamed bucket -> level',
		'messages.inferenceOutlier.fields.pid.required: true -> false',
		'messages.inferenceStep.fields.cause.fields.share.type: "double" -> "string"',
	]);
});

test('better prose and another order of keys are no drift', () => {
	const reworded = {
		...contract,
		metrics: Object.fromEntries(
			Object.entries(contract.metrics)
				.map(([key, metric]) => [key, { ...metric, description: 'Better.' }] as const)
				.reverse(),
		),
	};
	expect(diff(current, takeSnapshot(reworded))).toEqual([]);
});
