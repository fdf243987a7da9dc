import type { AuditRow, OpenSession, SessionRow, TokenRow, VoteRow } from './rows'

/** Who people are, and what they said and did. */
export interface LoginStore {
  tokens: {
    /** `hash`: sha256 of the secret, hex */
    create(
      token: Pick<TokenRow, 'id' | 'name' | 'scope' | 'createdBy' | 'expiresAt'> & { hash: string; verified?: boolean },
    ): Promise<void>
    /** the live one with this hash; notes that it was used, at most once a minute */
    find(hash: string): Promise<TokenRow | undefined>
    /** newest first, revoked and expired ones, too */
    list(): Promise<TokenRow[]>
    /** false when there is no live one */
    revoke(id: string, by: string, verified?: boolean): Promise<boolean>
  }
  sessions: {
    /** `hash`: sha256 of what the cookie holds, hex */
    open(
      session: Pick<SessionRow, 'name' | 'via' | 'tokenId' | 'groups'> & { hash: string; lifetimeMs: number },
    ): Promise<void>
    /** the live one that was used within `idleMs`, and whose token is live; notes that both are used, at most once a minute */
    find(hash: string, idleMs: number): Promise<SessionRow | undefined>
    /** live ones, newest first */
    list(idleMs: number): Promise<OpenSession[]>
    /** by somebody else, whom nobody verified; how many of this person were ended */
    endOf(name: string, by: string): Promise<number>
    /** false when it was over */
    end(hash: string): Promise<boolean>
  }
  /** what people did: triggers write it, and nothing changes it */
  audit: {
    /** in the order in which it was written */
    after(position: number, limit: number): Promise<AuditRow[]>
    /** newest first; without a position from the end */
    before(position: number | undefined, limit: number): Promise<AuditRow[]>
  }
  votes: {
    /** Keeps the first one under an id. */
    cast(vote: Omit<VoteRow, 'at'>): Promise<void>
    read(id: string): Promise<VoteRow | undefined>
    /** what this person said last to this upgrade */
    last(upgradeId: string, by: string): Promise<VoteRow | undefined>
    /** of an upgrade, a data run or a release, oldest first */
    list(upgradeId: string): Promise<VoteRow[]>
  }
}
