/** Names of a cluster's pluginOptions. */
export const OPTION_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;
