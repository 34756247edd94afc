/** Version of the agent, put in at build time. */
declare const INGERO_VERSION: string;

export const version: string = INGERO_VERSION;
