/** Not run: the type check of the package fails unless every line below an expectation is an error to the compiler. */
import { metrics } from '@ingero/contract';
import { family } from '../src';

const { inferStepDurationNs, inferBaselineP95Ns, inferWorkloadsTracked } = metrics;

const workload = {
	'ingero.cgroup.path_hash': 'e916b463d100201c',
	pid: 4242,
	'ingero.infer.stream_handle': '139888628342400',
	'ingero.infer.phase': 'decode',
} as const;

export function whatAMetricDoesNotAllow(): void {
	// @ts-expect-error a required attribute is missing
	family(inferBaselineP95Ns, [{ attributes: { pid: 1 }, value: 1 }]);
	// @ts-expect-error an attribute of another metric
	family(inferBaselineP95Ns, [{ attributes: { ...workload, 'ingero.infer.outlier_bucket': '3x' }, value: 1 }]);
	// @ts-expect-error an attribute that the contract does not know
	family(inferBaselineP95Ns, [{ attributes: { ...workload, color: 'red' }, value: 1 }]);
	// @ts-expect-error a metric without attributes
	family(inferWorkloadsTracked, [{ attributes: { pid: 1 }, value: 1 }]);
	// @ts-expect-error a pid is a number
	family(inferBaselineP95Ns, [{ attributes: { ...workload, pid: '1' }, value: 1 }]);
	// @ts-expect-error a histogram has no single value
	family(inferStepDurationNs, [{ attributes: workload, value: 1 }]);
	// @ts-expect-error a gauge has no histogram
	family(inferWorkloadsTracked, [{ histogram: { bounds: [], counts: [0], sum: 0 } }]);
}
