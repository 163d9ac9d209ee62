// Described already, and not yet in the C code. To be empty.
export const PENDING_OPERATIONS = [];
export const PENDING_PROBLEMS = [];
export const PENDING_PACKING = false;
