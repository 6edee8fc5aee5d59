/**
 * Constant-velocity Kalman filter of one coordinate, in seconds, so that skipped frames and any frame rate are fine.
 * State: position p and velocity v; white-noise acceleration of standard deviation `acceleration`
 * (Bar-Shalom, Li, Kirubarajan: Estimation with Applications to Tracking and Navigation, section 6.2).
 */
export class AxisFilter {
  position: number;
  velocity = 0;
  private varP: number;
  private covPV = 0;
  private varV: number;

  /**
   * @param position first measurement
   * @param noise standard deviation of a measurement, same unit as the position
   * @param speed standard deviation of the yet unknown velocity, units per second
   */
  constructor(position: number, noise: number, speed: number) {
    this.position = position;
    this.varP = noise * noise;
    this.varV = speed * speed;
  }

  /** A filter in the same state. */
  clone(): AxisFilter {
    return Object.assign(new AxisFilter(this.position, 0, 0), this);
  }

  /** Move the state `dt` seconds ahead; `acceleration` in units per second squared. */
  predict(dt: number, acceleration: number): void {
    const q = acceleration * acceleration;
    this.position += this.velocity * dt;
    this.varP += 2 * dt * this.covPV + dt * dt * this.varV + (q * dt ** 4) / 4;
    this.covPV += dt * this.varV + (q * dt ** 3) / 2;
    this.varV += q * dt * dt;
  }

  /** Correct the state by a measurement with the given standard deviation. */
  update(measured: number, noise: number): void {
    const innovation = measured - this.position;
    const total = this.varP + noise * noise;
    const gainP = this.varP / total;
    const gainV = this.covPV / total;
    this.position += gainP * innovation;
    this.velocity += gainV * innovation;
    this.varV -= gainV * this.covPV;
    this.covPV *= 1 - gainP;
    this.varP *= 1 - gainP;
  }

  /** Standard deviation of the position. */
  get spread(): number {
    return Math.sqrt(this.varP);
  }
}
