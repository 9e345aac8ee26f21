/** Names out of a file are cut here before they enter a record. */
export const LONGEST_NAME = 200;
/** Longer metadata are attachments, not descriptions. */
export const LONGEST_METADATA = 2000;
