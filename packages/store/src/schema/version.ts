/**
 * `PRAGMA application_id` of every file this package makes: the ASCII bytes `INGR`.
 * The files of earlier Ingero agents carry 0, and so do those of most other programs.
 */
export const APPLICATION_ID: number = 0x494e_4752;

/**
 * `PRAGMA user_version` is this plus the number of migrations the file has seen. Earlier agents count from 1 (10 was
 * the last one seen), so that no version of theirs can be mistaken for one of ours, nor ours for one of theirs.
 */
export const SCHEMA_VERSION_BASE = 1000;
