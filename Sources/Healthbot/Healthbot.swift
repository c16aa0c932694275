// Healthbot
