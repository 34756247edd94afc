import { spawnSync } from 'node:child_process';
import { histogramBounds, type Metric, metrics } from '@ingero/contract';
import { expect, type TestContext, test } from 'vitest';
import { family, renderPrometheus } from '../src';

/** Runs Prometheus's own checker over a page; the test is skipped, and says why, where there is none. */
function promtool(context: TestContext, page: string): { status: number | null; stderr: string } {
	const version = spawnSync('promtool', ['--version'], { encoding: 'utf8' });
	context.skip(version.error !== undefined, 'promtool is not installed (Debian has it in the package prometheus)');
	return spawnSync('promtool', ['check', 'metrics'], { input: page, encoding: 'utf8' });
}

/** 0 is praise, 3 is remarks on taste, of which our historic names earn some; 1 is a page that can't be read. */
const readable = [0, 3];

test("Prometheus's own parser reads a page with every metric of the contract and hostile labels", (context) => {
	const hostile = 'a"b\\c\nd{e="f"}, é🚀 # HELP \\n';
	const bounds = histogramBounds['ingero.infer.step_duration_ns'];
	const families = (Object.values(metrics) as Metric[]).map((metric) => ({
		metric,
		points: [hostile, ''].map((value) => ({
			attributes: Object.fromEntries(metric.attributes.map((key) => [key, value])),
			...(metric.type === 'histogram'
				? { histogram: { bounds, counts: [...bounds.map(() => 1), 1], sum: 1e300 } }
				: { value: 1.5 }),
		})),
	}));
	// Without attributes the two points would be one series.
	const page = renderPrometheus(
		families.map(({ metric, points }) => ({
			metric,
			points: metric.attributes.length === 0 ? points.slice(1) : points,
		})),
	);

	const { status, stderr } = promtool(context, page);
	expect(stderr).not.toMatch(/error while/i);
	expect(readable).toContain(status);
});

test('the checker does refuse a broken page', (context) => {
	const page = renderPrometheus([family(metrics.inferWorkloadsTracked, [{ value: 1 }])]);
	const { status } = promtool(context, page.replace(' 1\n', ' one\n'));
	expect(readable).not.toContain(status);
});
