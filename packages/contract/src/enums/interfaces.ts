// Names that people, assistants and pagers meet.

/** Tools of the assistant interface. */
export const mcpTools = [
	'get_check',
	'get_trace_stats',
	'get_causal_chains',
	'run_demo',
	'get_test_report',
	'run_sql',
	'get_stacks',
	'graph_lifecycle',
	'graph_frequency',
	'query_fleet',
	'pagerduty_trigger',
] as const;
export type McpTool = (typeof mcpTools)[number];

/** Prompts of the assistant interface. */
export const mcpPrompts = ['investigate'] as const;

/** What `query_fleet` can be asked for. */
export const mcpFleetActions = ['chains', 'ops', 'overview', 'sql'] as const;
export type McpFleetAction = (typeof mcpFleetActions)[number];

/** Severities of the PagerDuty events interface. */
export const pagerdutySeverities = ['info', 'warning', 'error', 'critical'] as const;
export type PagerdutySeverity = (typeof pagerdutySeverities)[number];

/** Incidents that `ingero demo` can play. */
export const demoScenarios = [
	'incident',
	'cold-start',
	'memcpy-bottleneck',
	'periodic-spike',
	'cpu-contention',
	'gpu-steal',
] as const;
export type DemoScenario = (typeof demoScenarios)[number];
