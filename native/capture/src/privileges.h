#ifndef TCPWB_PRIVILEGES_H
#define TCPWB_PRIVILEGES_H

/*
 * Gives up, for good, everything that opening the interface needed: root becomes the user who asked (behind sudo,
 * pkexec or a setuid bit) or else nobody, every capability set is emptied, and no later exec can bring any back.
 * Ends the program when the kernel refuses, because going on with privileges would be worse than not capturing.
 */
void drop_privileges(void);

#endif
