/** How something stands, beyond its word: never told by colour alone. */
export type Tone = 'good' | 'info' | 'ask' | 'warn' | 'bad' | 'quiet'
