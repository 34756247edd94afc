/**
 * Size of one raw event, the record of the `.igr` format, little endian: ts_ns u64, duration_ns u32, pid u32, tid u32,
 * op u32, arg0 u64, arg1 u64, arg2 u64.
 */
export const EVENT_RECORD_BYTES = 48;
