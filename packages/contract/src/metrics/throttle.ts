// GPUs that hold their clocks down.

export const gpuThrottlePowerActive = {
	name: 'gpu.throttle.power_active',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_throttle_power_active', type: 'gauge', labels: ['gpu_uuid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--throttle-poll-interval > 0',
	since: '0.12.10',
	description: '1 while the GPU holds its clocks down to stay within a power limit, else 0.',
} as const;

export const gpuThrottleThermalActive = {
	name: 'gpu.throttle.thermal_active',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_throttle_thermal_active', type: 'gauge', labels: ['gpu_uuid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--throttle-poll-interval > 0',
	since: '0.12.10',
	description: '1 while the GPU holds its clocks down because of temperature, else 0.',
} as const;

export const gpuThrottleSwActive = {
	name: 'gpu.throttle.sw_active',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_throttle_sw_active', type: 'gauge', labels: ['gpu_uuid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--throttle-poll-interval > 0',
	since: '0.12.10',
	description: '1 while the GPU holds its clocks down for a limit set in software, else 0.',
} as const;

export const gpuThrottleHwActive = {
	name: 'gpu.throttle.hw_active',
	type: 'gauge',
	valueType: 'double',
	unit: '1',
	attributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_throttle_hw_active', type: 'gauge', labels: ['gpu_uuid'] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--throttle-poll-interval > 0',
	since: '0.12.10',
	description: '1 while the GPU holds its clocks down for a reason in hardware, or one unknown to us, else 0.',
} as const;

export const gpuThrottlePowerEventTotal = {
	name: 'gpu.throttle.power.event_total',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: [],
	optionalAttributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_throttle_power_event_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--throttle-poll-interval > 0',
	since: '0.15.0',
	description: 'Times that a GPU began to hold its clocks down to stay within a power limit.',
} as const;

export const gpuThrottleThermalEventTotal = {
	name: 'gpu.throttle.thermal.event_total',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: [],
	optionalAttributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_throttle_thermal_event_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--throttle-poll-interval > 0',
	since: '0.15.0',
	description: 'Times that a GPU began to hold its clocks down because of temperature.',
} as const;

export const gpuThrottleSwEventTotal = {
	name: 'gpu.throttle.sw.event_total',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: [],
	optionalAttributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_throttle_sw_event_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--throttle-poll-interval > 0',
	since: '0.15.0',
	description: 'Times that a GPU began to hold its clocks down for a limit set in software.',
} as const;

export const gpuThrottleHwEventTotal = {
	name: 'gpu.throttle.hw.event_total',
	type: 'counter',
	valueType: 'int',
	unit: '{event}',
	attributes: [],
	optionalAttributes: ['gpu.uuid'],
	prometheus: { name: 'gpu_throttle_hw_event_total', type: 'counter', labels: [] },
	channels: ['otlp', 'prometheus'],
	status: 'default',
	gate: '--throttle-poll-interval > 0',
	since: '0.15.0',
	description: 'Times that a GPU began to hold its clocks down for a reason in hardware, or one unknown to us.',
} as const;
