// A program of somebody else, run to its end or watched while it speaks.
import { spawn } from 'node:child_process';
import { until, within } from './wait.mjs';

export class Command {
  constructor(program, args, { cwd, env } = {}) {
    this.program = program;
    this.said = '';
    this.child = spawn(program, args, {
      cwd, env: { ...process.env, LC_ALL: 'C.UTF-8', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout.on('data', (text) => { this.said += text; });
    this.complained = '';
    this.child.stderr.on('data', (text) => { this.complained += text; });
    this.ended = new Promise((resolve) => {
      this.child.on('error', (error) => { this.complained += error.message; resolve(-1); });
      this.child.on('close', (code, signal) => resolve(code ?? signal));
    });
  }

  says(what, test) { return until(`${this.program}: ${what}`, () => test(this.said)); }
  end() { return within(`end of ${this.program}`, this.ended); }
  kill() { this.child.kill(); }
}

// What it said; it must end with 0.
export async function output(program, args, options) {
  const command = new Command(program, args, options);
  const code = await command.end();
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${code}\n${command.complained}`);
  return command.said;
}
