export type { ItemCounters, StoreCounters, StoreItem } from './accounting/counters';
export type { LossTally } from './accounting/losses';
export { isStoreError, StoreError, type StoreErrorCode } from './errors/store-error';
export { EVENT_RECORD_BYTES } from './event-record';
export type { StoreOptions } from './options';
export type { BaselineShiftRow, OutlierRow, SlowStepCause, StepRow } from './rows';
export type { OperationNames, SessionFacts } from './session';
export { Store } from './store';
