// Described already, and not yet in the C code. To be empty.
export const PENDING_OPERATIONS = ['createTicket'];
export const PENDING_PROBLEMS = ['UNAUTHENTICATED'];
// Archives and compressed files are refused still.
export const PENDING_PACKING = true;
