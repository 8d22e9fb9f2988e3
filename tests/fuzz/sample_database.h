/* A small database that hopscope itself writes: of two connections with pipelining, an
 * upgrade, a tunnel, findings and header fields. */
#ifndef SAMPLE_DATABASE_H
#define SAMPLE_DATABASE_H

/* Makes it in the working folder under a name of this process's own and returns the
 * name (static memory, the same at every call); ends the process where that fails. The
 * file goes when the process does. */
const char *sample_database_path(void);
/* What SQLite may leave beside it, when its header says that there is a log. */
void sample_database_remove_logs(void);

#endif
