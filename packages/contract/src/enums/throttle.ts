// Why a GPU holds its clocks down.

/** The four classes that the reasons fall into. */
export const throttleBuckets = ['power', 'thermal', 'sw', 'hw'] as const;
export type ThrottleBucket = (typeof throttleBuckets)[number];

/**
 * Bits of nvmlDeviceGetCurrentClocksThrottleReasons and the classes each counts in. The last row stands for every bit
 * that is not listed: a reason newer than this table is taken for one in hardware.
 */
export const nvmlThrottleBits = [
	{ bit: 0x001, name: 'gpu_idle', buckets: [] },
	{ bit: 0x002, name: 'applications_clocks_setting', buckets: ['sw'] },
	{ bit: 0x004, name: 'sw_power_cap', buckets: ['power', 'sw'] },
	{ bit: 0x008, name: 'hw_slowdown', buckets: ['hw'] },
	{ bit: 0x010, name: 'sync_boost', buckets: ['sw'] },
	{ bit: 0x020, name: 'sw_thermal_slowdown', buckets: ['thermal', 'sw'] },
	{ bit: 0x040, name: 'hw_thermal_slowdown', buckets: ['thermal', 'hw'] },
	{ bit: 0x080, name: 'hw_power_brake_slowdown', buckets: ['power', 'hw'] },
	{ bit: 0x100, name: 'display_clock_setting', buckets: ['sw'] },
	{ bit: null, name: 'future', buckets: ['hw'] },
] as const;
