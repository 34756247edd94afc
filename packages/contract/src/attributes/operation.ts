// Traced operations and the process they belong to.

export const source = {
	key: 'source',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'source',
	enum: 'sources',
	since: '<=0.10.0',
	description: 'Layer that a traced operation belongs to.',
} as const;

export const operation = {
	key: 'operation',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'operation',
	since: '<=0.10.0',
	description: 'Traced operation, e.g. `cudaMemcpyAsync`.',
} as const;

export const percentile = {
	key: 'percentile',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'percentile',
	since: '<=0.10.0',
	description: '`p50`, `p95` or `p99`.',
} as const;

export const pid = {
	key: 'pid',
	type: 'int',
	on: ['point', 'span'],
	prometheusLabel: 'pid',
	since: '<=0.10.0',
	description: 'Process id as user space sees it.',
} as const;

export const comm = {
	key: 'comm',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'comm',
	since: '0.14.0',
	description: 'Name the kernel keeps for a process. Anybody can set it: untrusted text.',
} as const;

export const cmd = {
	key: 'cmd',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'cmd',
	since: '0.15.0',
	description: 'ioctl command, upper-case hexadecimal after `0x`.',
} as const;

export const memcpyDirection = {
	key: 'ingero.memcpy.direction',
	type: 'string',
	on: ['point'],
	prometheusLabel: 'direction',
	enum: 'memcpyDirections',
	since: '0.16.0',
	description: 'Direction of a copy.',
} as const;
