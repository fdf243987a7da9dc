import logUpdate from 'log-update'
import pc from 'picocolors'

export interface Panel {
  /** lines of the live part, drawn anew each second */
  lines(): string[]
  /** one line for a plain log, written every ten seconds */
  summary(): string
}

/** One live screen on a terminal: what happened scrolls above, what is now stands below. Without a terminal, a plain log. */
export class Screen {
  private readonly startedAt = Date.now()
  private readonly live = Boolean(process.stdout.isTTY)
  private timer: NodeJS.Timeout | undefined
  private panel: Panel | undefined

  show(panel: Panel): void {
    this.panel = panel
    this.timer = setInterval(() => this.draw(), this.live ? 1_000 : 10_000)
  }

  close(): void {
    clearInterval(this.timer)
    this.panel = undefined
    if (this.live) logUpdate.done()
  }

  act(title: string): void {
    this.write(`\n${pc.bold(title)}`)
  }

  say(text: string): void {
    this.write(`${pc.dim(this.clock())} ${text}`)
  }

  /** A command that is being run, as a person would type it. */
  command(text: string): void {
    this.write(`${pc.dim(this.clock())} ${pc.cyan(`$ ${text}`)}`)
  }

  write(text: string): void {
    if (this.live && this.panel) logUpdate.clear()
    process.stdout.write(`${text}\n`)
    if (this.live) this.draw()
  }

  private draw(): void {
    if (!this.panel) return
    if (this.live)
      logUpdate(['─'.repeat(Math.min(100, process.stdout.columns || 80)), ...this.panel.lines()].join('\n'))
    else process.stdout.write(`${this.clock()} ${this.panel.summary()}\n`)
  }

  private clock(): string {
    const seconds = Math.floor((Date.now() - this.startedAt) / 1000)
    return `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(seconds % 60).padStart(2, '0')}`
  }
}
