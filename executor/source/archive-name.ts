/** Whether a file is an archive by its name; the executor unpacks those. */
export const isArchiveName = (name: string): boolean => /\.(tgz|tar\.gz|tar)$/.test(name);
